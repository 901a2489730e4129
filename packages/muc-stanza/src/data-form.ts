/** Data forms, as far as they are read here. @see XEP-0004 */
import type { Element } from 'ltx';
import { NS } from './namespaces.js';

/** Field name (`var`) → values, in order. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

/** The fields of the data form inside an element, or undefined where there is no form. */
export function parseFormFields(parent: Element): FormFields | undefined {
  const form = parent.getChild('x', NS.DATA_FORM);
  if (form === undefined) return undefined;
  return new Map(
    form
      .getChildren('field')
      .map((field) => [
        field.attrs['var'] ?? '',
        field.getChildren('value').map((value) => value.getText()),
      ]),
  );
}

/** The values of a field's options: what may be chosen. */
export function parseFormOptions(parent: Element, fieldName: string): string[] | undefined {
  const field = parent
    .getChild('x', NS.DATA_FORM)
    ?.getChildren('field')
    .find((candidate) => candidate.attrs['var'] === fieldName);
  return field
    ?.getChildren('option')
    .map((option) => option.getChildText('value') ?? '')
    .filter((value) => value !== '');
}

/** Lines of a field as one text: a text-multi field has one value a line. */
export function fieldText(fields: FormFields, name: string): string | undefined {
  return fields.get(name)?.join('\n');
}

/** A boolean field; undefined where it is absent. */
export function fieldFlag(fields: FormFields, name: string): boolean | undefined {
  const value = fields.get(name)?.[0];
  return value === undefined ? undefined : value === '1' || value === 'true';
}
