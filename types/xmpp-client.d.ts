/** The part of @xmpp/client 0.14.0 that the tests use; the package ships no types. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Element, Node } from 'ltx';

  export interface ClientOptions {
    /** `xmpp://HOST:PORT` or `ws://HOST:PORT/PATH`. */
    service: string;
    domain: string;
    /** Chooses among the mechanisms that both sides know; without it the login is anonymous. */
    credentials?: (authenticate: Authenticate, mechanisms: readonly string[]) => Promise<void>;
    resource?: string;
    /** For connecting, opening and closing, in ms. */
    timeout?: number;
  }

  export type Authenticate = (
    credentials: { readonly username: string; readonly password: string },
    mechanism: string,
  ) => Promise<void>;

  export interface Client extends EventEmitter {
    readonly jid: { toString(): string } | null;
    readonly status: string;
    readonly socket: Socket | null;
    readonly reconnect: { stop(): void };
    timeout: number;
    /** Connects the socket. */
    connect(service: string): Promise<void>;
    /** Opens the stream; `online` is emitted when all is negotiated. */
    open(options: { readonly domain: string }): Promise<unknown>;
    stop(): Promise<unknown>;
    send(element: Element): Promise<void>;
  }

  export function client(options: ClientOptions): Client;
  export function xml(
    name: string,
    attrs?: Record<string, string | undefined> | null,
    ...children: (Node | undefined | null | false)[]
  ): Element;
}
