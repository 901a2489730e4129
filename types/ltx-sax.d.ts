/** The streaming tokeniser of ltx 3.1.2, beneath its tree builder; the package ships no types. */
declare module 'ltx/src/parsers/ltx.js' {
  import type { EventEmitter } from 'node:events';

  /** Emits while it is written to, synchronously; throws on entities that XML does not define. */
  export default class SaxLtx extends EventEmitter<{
    startElement: [name: string, attrs: Record<string, string>];
    endElement: [name: string, isSelfClosing: boolean];
    text: [text: string];
  }> {
    write(text: string): void;
  }
}
