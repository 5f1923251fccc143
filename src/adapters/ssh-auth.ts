/** Proving to an sshd who we are: by the keys of the agent, then by those in files. */
import type { AnyAuthMethod } from 'ssh2';
import ssh2 from 'ssh2';
import type { Environment } from './home.ts';
import type { KeyFiles } from './ssh-files.ts';

type StreamCallback = Parameters<ssh2.OpenSSHAgent['getStream']>[0];
type AgentStream = NonNullable<Parameters<StreamCallback>[1]>;

/** An agent whose connection we can close: one that waits for a finger would keep the process. */
class ClosableAgent extends ssh2.OpenSSHAgent {
  #isClosed = false;
  #last: AgentStream | undefined;

  override getStream(callback: StreamCallback): void {
    super.getStream((error, stream) => {
      this.#last = stream;
      if (this.#isClosed) stream?.destroy();
      callback(error, stream);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#last?.destroy();
  }
}

interface Attempt {
  /** For people. */
  readonly label: string;
  readonly method: AnyAuthMethod;
}

export class SshAuthentication {
  readonly #attempts: Attempt[] = [];
  readonly #passedOver: string[];
  readonly #agent: ClosableAgent | undefined;
  #tried = 0;
  #isExhausted = false;

  /** Prepares what the account can show; `username` is how it is called there. */
  constructor(username: string, environment: Environment, files: KeyFiles) {
    this.#passedOver = [...files.passedOver];
    const { SSH_AUTH_SOCK: socket } = environment;
    if (socket) {
      const agent = new ClosableAgent(socket);
      this.#agent = agent;
      this.#attempts.push({ label: 'the agent', method: { type: 'agent', username, agent } });
    } else {
      this.#passedOver.push('no agent (SSH_AUTH_SOCK is not set)');
    }
    for (const { path, text } of files.keys) {
      const key = ssh2.utils.parseKey(text);
      if (key instanceof Error) this.note(`${path} cannot be used (${key.message})`);
      else this.#attempts.push({ label: path, method: { type: 'publickey', username, key } });
    }
  }

  /** Remembers why something did not come to be tried. */
  note(reason: string): void {
    this.#passedOver.push(reason);
  }

  /** What to try next; false when that was all. */
  next(): AnyAuthMethod | false {
    const attempt = this.#attempts[this.#tried];
    if (attempt === undefined) {
      this.#isExhausted = true;
      return false;
    }
    this.#tried++;
    return attempt.method;
  }

  /** Whether all has been tried in vain. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** What was shown, and what was not, for people. */
  describe(): string {
    const labels = this.#attempts.slice(0, this.#tried).map((each) => each.label);
    const tried = labels.length === 0 ? 'nothing to show' : `shown: ${labels.join(', ')}`;
    return [tried, ...this.#passedOver].join('; ');
  }

  /** Lets go of the agent. */
  close(): void {
    this.#agent?.close();
  }
}
