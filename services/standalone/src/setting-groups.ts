/** Every setting of the product, each once, in the order in which the documents show them. */
import { facadeSettings } from '@conference/facade';
import {
  redisSettings,
  sharedSettings,
  type SettingDeclaration,
  type SettingDeclarations,
} from '@conference/service-runtime';
import { trackerSettings } from '@conference/tracker';

/** Settings that the same processes read. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly SettingDeclaration<unknown>[];
}

/** All groups; a setting that several processes read is in the first group that has it. */
export function listSettingGroups(): SettingGroup[] {
  const listed = new Set<string>();
  const group = (title: string, declarations: SettingDeclarations): SettingGroup => {
    const settings = Object.values(declarations).filter(({ variable }) => !listed.has(variable));
    for (const { variable } of settings) listed.add(variable);
    return { title, settings };
  };
  return [
    group('Tracker and facade', sharedSettings),
    group('Tracker and facade, unless they are one process', redisSettings),
    group('Tracker', trackerSettings),
    group('Facade', facadeSettings),
  ];
}
