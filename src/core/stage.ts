/** The certificate of a server that was reached. */
export interface ServerCertificate {
  /** Common names; '' where it has none. */
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** What a stage of opening a connection found, for programs; each is there for the stage that finds it. */
export interface StageFacts {
  /** `dns`: the addresses of the host. */
  readonly addresses?: readonly string[];
  /** `tls` */
  readonly certificate?: ServerCertificate;
  /** `ehlo`: the lines of its reply after the first, without what could drive a terminal. */
  readonly capabilities?: readonly string[];
}
