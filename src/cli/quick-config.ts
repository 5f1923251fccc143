/**
 * A configuration for oclif that reads nothing from the disk: all that a known command needs of it.
 */
import type { Config } from '@oclif/core/config';
import { VERSION } from '../base/version.ts';

/** `root` is the folder of the package. oclif's own class would load its search for plugins. */
export function createQuickConfig(root: string): Config {
  const config: Partial<Config> = {
    root,
    name: 'dagent',
    bin: 'dagent',
    version: VERSION,
    userAgent: `dagent/${VERSION}`,
    topicSeparator: ' ',
    commandIDs: [],
    pjson: { name: 'dagent', version: VERSION, oclif: { bin: 'dagent' } },
    // We have no plugins, so no hooks.
    runHook: () => Promise.resolve({ successes: [], failures: [] }),
    scopedEnvVar: () => undefined,
    scopedEnvVarKey: (name) => `DAGENT_${name}`,
    scopedEnvVarTrue: () => false,
  };
  return config as Config;
}
