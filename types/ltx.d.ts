/** The part of ltx 3.1.2 that the project uses; the package ships no types. */
declare module 'ltx' {
  export type Node = Element | string;
  export class Element {
    constructor(name: string, attrs?: Record<string, string | undefined> | string);
    name: string;
    attrs: Record<string, string | undefined>;
    children: Node[];
    parent: Element | null;
    getName(): string;
    getNS(): string | undefined;
    getAttr(name: string, xmlns?: string): string | undefined;
    is(name: string, xmlns?: string): boolean;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildren(name: string, xmlns?: string): Element[];
    getChildElements(): Element[];
    getChildText(name: string, xmlns?: string): string | null;
    getText(): string;
    append(...nodes: Node[]): void;
    toString(): string;
  }
  export function createElement(
    name: string,
    attrs?: Record<string, string | undefined> | null,
    ...children: (Node | undefined | null | false)[]
  ): Element;
  export function parse(text: string): Element;
  export function escapeXML(text: string): string;
}
