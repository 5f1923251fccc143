/**
 * A service with methods, and a program that calls them. With a daemon running on this host:
 *
 *     node examples/greeter.ts serve                  registers the service `greeter`
 *     node examples/greeter.ts call greet.hello Ada   asks the nearest one
 *     dagent call greeter greet.hello Ada             the same from the shell
 *     dagent call greeter admin.help                  what there is to call
 *
 * A program of your own says `import ... from 'dagent'`, as this one does.
 */
import { once } from 'node:events';
import { connect, DagentError, type Methods } from 'dagent';

/** What callers may call. An argument is whatever they sent: check it before it is used. */
function createMethods(startedAtMs: number): Methods {
  let count = 0;
  return {
    'greet.hello': {
      doc: 'Greets somebody by name.',
      args: ['name'],
      run([name]) {
        if (typeof name !== 'string' || name === '') {
          throw new DagentError('E_ARGUMENT_INVALID', {
            method: 'greet.hello',
            reason: 'a name is wanted',
          });
        }
        count++;
        return `hello, ${name}`;
      },
    },
    'greet.stats': {
      doc: 'How many were greeted, and for how long this has been running.',
      run: () => ({ count, upMs: Math.round(performance.now() - startedAtMs) }),
    },
  };
}

async function serve(): Promise<void> {
  const client = await connect();
  try {
    await client.serve('greeter', createMethods(performance.now()));
  } catch (error) {
    // The name is taken, say: an open connection would keep the program there.
    await client.close();
    throw error;
  }
  process.stderr.write(`greeter: at your service as ${client.node}:greeter; Ctrl-C ends it\n`);
  // When the daemon goes, the client waits until it is back. In the end what was asked is answered.
  await once(process, 'SIGINT');
  await client.drain();
}

async function call(method: string, args: readonly string[]): Promise<void> {
  const client = await connect();
  try {
    const value = await client.call('greeter', method, args, { timeoutMs: 5_000 });
    process.stdout.write(`${JSON.stringify(value)}\n`);
  } finally {
    await client.close();
  }
}

const [mode, method = 'greet.hello', ...args] = process.argv.slice(2);
try {
  if (mode === 'serve') await serve();
  else if (mode === 'call') await call(method, args);
  else throw new DagentError('E_USAGE', { reason: 'say serve, or call METHOD [ARGUMENT]...' });
} catch (error) {
  // The code is what a program decides by; the message and the hint are for people.
  if (!(error instanceof DagentError)) throw error;
  process.stderr.write(`greeter: ${error.message} [${error.code}]\n`);
  if (error.hint !== undefined) process.stderr.write(`  ${error.hint}\n`);
  process.exitCode = error.exit;
}
