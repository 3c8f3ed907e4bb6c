/** The certificate of a server. */
export interface ServerCertificate {
  /** Common names; '' when there is none. */
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Results of the stages of opening a connection, for programs. Each stage fills its own fields. */
export interface StageFacts {
  /** `dns`: the addresses of the host. */
  readonly addresses?: readonly string[];
  /** `tls` */
  readonly certificate?: ServerCertificate;
  /** `ehlo`: the lines of the reply after the first, without control characters. */
  readonly capabilities?: readonly string[];
}
