/**
 * The part of @xmpp/component 0.13.1 that the project uses; the package ships no types. The
 * members with an underscore, `Parser` and `socketParameters` are the library's own places for
 * overriding: it looks them up on the object each time it attaches a socket or a parser.
 */
declare module '@xmpp/component' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Element } from 'ltx';

  export interface Component extends EventEmitter {
    /** How long the library itself waits for a header or a handshake, in ms. */
    timeout: number;
    /** Set from `connect` until the socket is closed. */
    readonly socket: Socket | null;
    /** Set while a stream is open. */
    readonly parser: EventEmitter | null;
    Parser: new () => EventEmitter;
    readonly reconnect: { stop(): void };
    socketParameters: () => { host: string; port: number };
    _onData: (data: string | Buffer) => void;
    _onElement: (element: Element) => void;
    connect(service: string): Promise<void>;
    open(options: { domain: string }): Promise<void>;
  }

  export function component(options: {
    service: string;
    domain: string;
    password: string;
  }): Component;
}
