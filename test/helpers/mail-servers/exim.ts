import { join } from 'node:path';
import { type MailServer, startUnpacked, UNPACKED, USERS } from './mail-server.ts';
import type { Certificate } from './test-ca.ts';

export interface EximOptions {
  /** Whose mail it keeps. */
  readonly domains: readonly string[];
  readonly certificate: Certificate;
  /** The one who may send. */
  readonly user: string;
  readonly password: string;
}

const PROGRAM = join(UNPACKED, 'usr/sbin/exim4');

/** Starts an Exim that takes mail over STARTTLS after AUTH, keeps it, and has no way to anywhere else. */
export function startExim(options: EximOptions): Promise<MailServer> {
  return startUnpacked(({ folder, port }) => ({
    files: {
      'exim.conf': settings(folder, port, options),
      'cert.pem': options.certificate.cert,
      'key.pem': options.certificate.key,
    },
    owner: { mail: USERS['Debian-exim'], log: USERS['Debian-exim'], spool: USERS['Debian-exim'] },
    before: [],
    command: [PROGRAM, '-C', join(folder, 'exim.conf'), '-bdf'],
  }));
}

function settings(folder: string, port: number, { domains, user, password }: EximOptions): string {
  return `exim_path = ${PROGRAM}
primary_hostname = exim.test
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
pid_file_path = ${folder}/log/pid
keep_environment =
deliver_drop_privilege = true
host_lookup =
acl_smtp_rcpt = recipient
acl_smtp_data = accept
tls_advertise_hosts = *
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
smtputf8_advertise_hosts = *
begin acl
recipient:
  require message = authenticate first
          authenticated = *
  require message = not for us
          domains = ${domains.join(' : ')}
  accept
begin routers
all:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = ${folder}/mail
  maildir_format
  envelope_to_add
  return_path_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${user}}}{eq{$auth3}{${password}}}}}
  server_set_id = $auth2
`;
}
