import { join } from 'node:path';
import { type MailServer, startUnpacked, UNPACKED, USERS } from './mail-server.ts';

/**
 * Starts an OpenSMTPD that keeps mail for some domains and has no way to anywhere else. It offers neither STARTTLS, at
 * which that of Debian 12 fails with every key (rsae_priv_enc: missing private key), nor AUTH, which it binds to TLS.
 */
export function startOpenSmtpd({ domains }: { readonly domains: readonly string[] }): Promise<MailServer> {
  return startUnpacked(({ folder, port }) => ({
    files: {
      'smtpd.conf': `table everybody { "@" = "nobody" }
listen on 127.0.0.1 port ${port} hostname opensmtpd.test
action "keep" maildir "${folder}/mail" virtual <everybody>
match from any for domain { ${domains.map(domain => `"${domain}"`).join(' ')} } action "keep"
`,
    },
    owner: { mail: USERS.nobody, log: USERS.opensmtpd, spool: 0 },
    // Where its package would have put these is compiled into it.
    before: [
      `chmod 711 ${folder}/spool`,
      `mount --bind ${UNPACKED}/usr/libexec /usr/libexec`,
      'mount -t tmpfs -o mode=755 tmpfs /var/spool',
      `mkdir /var/spool/smtpd && mount --bind ${folder}/spool /var/spool/smtpd`,
      'mount -t tmpfs -o mode=755 tmpfs /var/lib',
      'mkdir -p /var/lib/opensmtpd/empty',
      'mount -t tmpfs -o mode=755 tmpfs /run',
    ],
    command: [join(UNPACKED, 'usr/sbin/smtpd'), '-d', '-f', join(folder, 'smtpd.conf')],
  }));
}
