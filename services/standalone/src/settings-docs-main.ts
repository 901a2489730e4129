/** The process of `npm run docs`: writes the settings into the documents. */
import { readFileSync, writeFileSync } from 'node:fs';
import { listSettingGroups } from './setting-groups.js';
import { renderEnvironmentExample, replaceSettingsTables } from './settings-documents.js';

const configuration = new URL('../../../docs/configuration.md', import.meta.url);
const environmentExample = new URL('../../../.env.example', import.meta.url);

const groups = listSettingGroups();
writeFileSync(configuration, replaceSettingsTables(readFileSync(configuration, 'utf8'), groups));
writeFileSync(environmentExample, renderEnvironmentExample(groups));
