import assert from "node:assert/strict";
import { MetadataUnavailableError, StoreUnavailableError } from "@stowage/core";
import { answered, PortFailedError, type Prediction } from "./lifecycle-model.testing.ts";
import type { Fate } from "./lifecycle-step.testing.ts";

/** What a dead process's calls throw. Nobody catches it. */
export class ProcessDiedError extends Error {
  override readonly name = "ProcessDiedError";
}

/** Calls that change nothing: a process that dies or sleeps before one has done so after the change before it. */
const isReading = (name: string): boolean => /^(?:find|list|head|get|check|presign)/.test(name);

/** What a port throws that fails for a while. */
const failureOf = (call: string): Error =>
  call.startsWith("objects.") ? new StoreUnavailableError(call) : new MetadataUnavailableError(call);

const isFailure = (error: unknown): boolean =>
  error instanceof StoreUnavailableError || error instanceof MetadataUnavailableError;

export type Halt = "asleep" | "died" | "failed" | "done";

/**
 * A process that runs one use case in step with the model: each of its calls that may change something must be the one
 * that the model said, and what the model says of it happens with it. It may die or sleep at one of them.
 */
export class WatchedProcess<Outcome> {
  readonly what: string;
  readonly #prediction: Prediction<Outcome>;
  readonly #fate: Fate | undefined;
  #expected: IteratorResult<string, Outcome> | undefined;
  /** With which the model says that the process ends. */
  #failure: PortFailedError | undefined;
  /** What it did first that the model had not said. */
  #violation: Error | undefined;
  #calls = 0;
  #isDead = false;
  /** Calls that are made side by side come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #rise: (() => void) | undefined;
  #halted = Promise.withResolvers<Halt>();
  /** What the process answered and what the model says that it does; once it is done. */
  result: { readonly real: unknown; readonly expected: Outcome } | undefined;

  constructor(what: string, prediction: Prediction<Outcome>, fate: Fate | undefined) {
    this.what = what;
    this.#prediction = prediction;
    this.#fate = fate;
  }

  /** The port as this process has it. */
  watch<Port extends object>(port: Port, portName: string): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function" || typeof name !== "string") return member;
        const call = (...values: unknown[]): unknown => Reflect.apply(member, target, values);
        if (name.startsWith("presign")) return call;
        if (isReading(name))
          return async (...values: unknown[]) => {
            this.#assertAlive();
            return call(...values);
          };
        return (...values: unknown[]) => this.#queue(`${portName}.${name}`, values, call);
      },
    });
  }

  #assertAlive(): void {
    if (this.#isDead) throw new ProcessDiedError(this.what);
  }

  #queue(name: string, values: unknown[], call: (...values: unknown[]) => unknown): Promise<unknown> {
    const result = this.#turn.then(() => this.#change(name, values, call));
    this.#turn = result.catch((error: unknown) => {
      // A use case may take it for a failure of its own.
      if (error instanceof assert.AssertionError) this.#violation ??= error;
    });
    return result;
  }

  async #change(name: string, values: unknown[], call: (...values: unknown[]) => unknown): Promise<unknown> {
    this.#assertAlive();
    this.#calls += 1;
    const how = this.#calls === this.#fate?.at ? this.#fate.how : undefined;
    if (how === "die-before") this.#die();
    const isOfStore = name.startsWith("objects.");
    if (how === "sleep" || (how === "sleep-after" && !isOfStore)) await this.#sleep();
    assert.equal(name, this.#nextCall(), `${this.what}: its next call`);
    if (how === "fail-before" || (how === "fail-after" && !isOfStore)) {
      this.#foretell(() => this.#prediction.throw(new PortFailedError(name)));
      throw failureOf(name);
    }
    const answer = await call(...values);
    const isLost = how === "fail-after";
    const seen = { command: values[0], answer, isLost };
    this.#foretell(() => this.#prediction.next(seen));
    if (isOfStore) {
      assert.equal(this.#nextCall(), answered);
      if (how === "sleep-after") await this.#sleep();
      this.#foretell(() => this.#prediction.next(seen));
    }
    if (isLost) throw failureOf(name);
    if (how === "die-after") this.#die();
    return answer;
  }

  async #sleep(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#rise = resolve;
    this.#halted.resolve("asleep");
    await promise;
    this.#assertAlive();
  }

  #nextCall(): string {
    return !this.#expected || this.#expected.done ? "nothing more" : this.#expected.value;
  }

  /** Lets the model say what comes next; where it fails as the services must, that is what it says. */
  #foretell(next: () => IteratorResult<string, Outcome>): void {
    try {
      this.#expected = next();
    } catch (error) {
      if (!(error instanceof PortFailedError)) throw error;
      this.#failure = error;
      this.#expected = undefined;
    }
  }

  #die(): never {
    this.#isDead = true;
    throw new ProcessDiedError(this.what);
  }

  /** Runs until it is done, dies or sleeps. */
  run(work: () => Promise<unknown>): Promise<Halt> {
    // What stands before the first change is read now.
    this.#foretell(() => this.#prediction.next({ command: undefined, answer: undefined, isLost: false }));
    const settled = this.#end(work);
    settled.then(
      (halt) => this.#halted.resolve(halt),
      (error: unknown) => this.#halted.reject(error),
    );
    return this.#halted.promise;
  }

  async #end(work: () => Promise<unknown>): Promise<Halt> {
    let real: unknown;
    try {
      real = await work();
    } catch (error) {
      // What it called side by side with what failed.
      await this.#turn;
      if (this.#violation) throw this.#violation;
      if (this.#isDead) return "died";
      if (!isFailure(error)) throw error;
      assert.ok(this.#failure, `${this.what}: failed, where the model says ${this.#nextCall()}`);
      return "failed";
    }
    if (this.#violation) throw this.#violation;
    assert.ok(!this.#isDead, `${this.what}: went on after it had died`);
    const expected = this.#expected;
    assert.ok(expected?.done, `${this.what}: ended before ${this.#nextCall()}`);
    this.result = { real, expected: expected.value };
    return "done";
  }

  /** A sleeping process goes on, to its end. */
  wake(): Promise<Halt> {
    this.#halted = Promise.withResolvers<Halt>();
    this.#rise?.();
    return this.#halted.promise;
  }

  /** A sleeping process never wakes. */
  async kill(): Promise<void> {
    this.#isDead = true;
    await this.wake();
  }
}
