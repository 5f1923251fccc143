/**
 * A configuration for oclif that reads nothing from the disk: all that a known command needs of it.
 */
import { Config } from '@oclif/core/config';
import { VERSION } from '../base/version.ts';

class QuickConfig extends Config {
  /** We have no plugins, so no hooks. */
  override runHook(): Promise<never> {
    return Promise.resolve({ successes: [], failures: [] } as never);
  }
}

/** `root` is the folder of the package. */
export function createQuickConfig(root: string): Config {
  const config = new QuickConfig({ root });
  return Object.assign(config, {
    root,
    name: 'dagent',
    bin: 'dagent',
    version: VERSION,
    userAgent: `dagent/${VERSION}`,
    topicSeparator: ' ',
    pjson: { name: 'dagent', version: VERSION, oclif: { bin: 'dagent' } },
  });
}
