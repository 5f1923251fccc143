/** A file in the directory of plugins that is not run, as its node tells of it. */
import { createPlugin } from '../plugins/state.ts';
import { viewDetails } from '../plugins/view.ts';
import type { FoundPlugin } from '../ports/plugin-directory.ts';
import type { ErrorData } from '../protocol/errors.ts';
import type { PluginDetails } from '../protocol/plugin-record.ts';

/** All that there is to say of it: that it is there, and why it is not run. */
export function viewIdle({ file, path }: FoundPlugin, error: ErrorData | null): PluginDetails {
  const plugin = createPlugin({ node: '', version: '', file, seed: 0 }, 0);
  const state = error?.code === 'E_PLUGIN_UNSAFE' ? 'unsafe' : 'refused';
  return { ...viewDetails(plugin, { path, missing: {} }, 0), state, retryMs: null, error };
}
