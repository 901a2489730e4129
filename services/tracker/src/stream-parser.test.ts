import { describe, expect, test } from '@jest/globals';
import { Element } from 'ltx';
import { StreamParser, type StreamViolation } from './stream-parser.js';
import { DEFAULT_LIMITS, type StreamLimits } from './connection-timing.js';

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' " +
  "xmlns:stream='http://etherx.jabber.org/streams' id='1'>";

interface Parsed {
  readonly parser: StreamParser;
  readonly seen: string[];
  readonly elements: Element[];
}

function createParser(limits: Partial<StreamLimits> = {}): Parsed {
  const parser = new StreamParser({ ...DEFAULT_LIMITS, ...limits });
  const seen: string[] = [];
  const elements: Element[] = [];
  parser.on('start', (root) => seen.push(`start ${root.name}`));
  parser.on('element', (element) => {
    seen.push(element.toString());
    elements.push(element);
  });
  parser.on('end', () => seen.push('end'));
  return { parser, seen, elements };
}

describe('elements', () => {
  test('come the same in one piece and character by character', () => {
    const text = `${HEADER}<a b='&lt;1&gt;'>x&amp;y<c/>&#x1F600;</a>\n<d><![CDATA[<&>]]]></d><!-- - --><?x y?><e/></stream:stream>`;
    const whole = createParser();
    whole.parser.write(text);
    const apart = createParser();
    for (const character of text) {
      apart.parser.write(character);
    }
    expect(whole.seen).toEqual([
      'start stream:stream',
      '<a b="&lt;1&gt;">x&amp;y<c/>😀</a>',
      '<d>&lt;&amp;&gt;]</d>',
      '<e/>',
      'end',
    ]);
    expect(apart.seen).toEqual(whole.seen);
  });

  test('are of the class that the rest of the project uses, and inherit namespaces', () => {
    const { parser, elements } = createParser();
    parser.write(`${HEADER}<iq><q xmlns='urn:q'/></iq><stream:error/>`);
    expect(elements[0]).toBeInstanceOf(Element);
    expect(elements[0]?.getChildElements()).toHaveLength(1);
    expect(elements[0]?.getNS()).toBe('jabber:component:accept');
    expect(elements[1]?.is('error', 'http://etherx.jabber.org/streams')).toBe(true);
  });

  test('and the white space between them leave nothing behind in the root', () => {
    const { parser, elements } = createParser();
    parser.write(HEADER);
    for (let n = 0; n < 1_000; n += 1) {
      parser.write('<message/>\n ');
    }
    expect(elements).toHaveLength(1_000);
    expect(elements[0]?.parent?.children).toEqual([]);
  });

  test('come no more after stop, not even those of the same text', () => {
    const { parser, seen } = createParser();
    parser.on('element', () => parser.stop());
    parser.write(`${HEADER}<a/><b/></stream:stream>`);
    expect(parser.write('<c/>')).toBeUndefined();
    expect(seen).toEqual(['start stream:stream', '<a/>']);
  });

  test('come no more after the end', () => {
    const { parser, seen } = createParser();
    expect(parser.write(`${HEADER}</stream:stream><a/></b>`)).toBeUndefined();
    expect(seen).toEqual(['start stream:stream', 'end']);
  });
});

test('a long text costs time in proportion to its length, however it is cut', () => {
  const { parser, elements } = createParser();
  const chunk = 'x'.repeat(65_536);
  const startMs = performance.now();
  parser.write(`${HEADER}<message><body a='`);
  for (let n = 0; n < 160; n += 1) {
    parser.write(chunk);
  }
  parser.write("'>");
  for (let n = 0; n < 160; n += 1) {
    parser.write(chunk);
  }
  parser.write('</body></message>');
  expect(elements[0]?.getChildText('body')).toHaveLength(160 * 65_536);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

describe('violations', () => {
  const violationOf = (
    text: string,
    limits: Partial<StreamLimits> = {},
  ): StreamViolation | undefined => {
    const { parser } = createParser(limits);
    parser.write(HEADER);
    parser.write('<a>');
    return parser.write(text);
  };

  test.each(['<c></b>', '</b>', '<b c="&nope;"/>', '<b>&#1;</b>', '<b><c></b></c>'])(
    '%s is not well-formed',
    (text) => {
      expect(violationOf(text)).toMatchObject({ condition: 'bad-format' });
    },
  );

  test.each([
    ['bytes', { stanzaBytes: 1_000 }, 'ü'.repeat(500), 'ü'.repeat(490)],
    ['elements', { stanzaElements: 11 }, '<b/>'.repeat(11), '<b/>'.repeat(10)],
  ])(
    '%s past the limit violate our policy, up to the limit they pass',
    (_what, limits, over, ok) => {
      expect(violationOf(over, limits)).toMatchObject({ condition: 'policy-violation' });
      expect(violationOf(ok, limits)).toBeUndefined();
    },
  );

  test('what stands deeper than the limit is left out, and the rest is not', () => {
    const { parser, elements } = createParser({ depth: 2 });
    parser.write(HEADER);
    parser.write('<a>1<b>2<c>3<d/>4</c>5<c/>6</b>7<b/></a><a/>');
    expect(elements.map(String)).toEqual(['<a>1<b>256</b>7<b/></a>', '<a/>']);
    expect(parser.write('<a><b><c><d></c></d></b></a>')).toMatchObject({ condition: 'bad-format' });
  });

  test('a large stanza in many chunks counts as one, many small ones do not', () => {
    const { parser } = createParser({ stanzaBytes: 1_000 });
    parser.write(HEADER);
    for (let n = 0; n < 1_000; n += 1) {
      expect(parser.write('<a>text</a>')).toBeUndefined();
    }
    parser.write('<a>');
    const violations = Array.from({ length: 150 }, () => parser.write('<b>text</b>'));
    expect(violations.filter((violation) => violation !== undefined)).toHaveLength(1);
  });
});
