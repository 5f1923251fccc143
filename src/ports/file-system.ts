/**
 * Files of the host, as copying needs them. A directory is held open, and what is named in it is
 * looked up in that very directory, never through a symbolic link: nobody can lead a copy outside
 * it. What the system refuses is E_CANNOT_READ or E_CANNOT_WRITE, with its own code as `errno`.
 */
import type { Owner } from '../protocol/file.ts';

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface ReadableFile {
  readonly facts: FileFacts;
  /** Fewer bytes than asked for: the file ends there. */
  read(at: number, bytes: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** What is set when a file or a directory is complete. Undefined: as it is. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** A file that is being written beside its place. */
export interface PartFile {
  /** Bytes that a former copy has left in it. */
  readonly bytesLeft: number;
  read(at: number, bytes: number): Promise<Buffer>;
  write(at: number, bytes: Buffer): Promise<void>;
  /** Syncs it and puts it in its place, whole and at once. */
  finish(size: number, attributes: Attributes): Promise<void>;
  /** Closes it; `isKept`: for who goes on with it later. */
  abandon(isKept: boolean): Promise<void>;
}

export interface Directory {
  /** As it was named, for people. */
  readonly path: string;
  /** What has this name; undefined: nothing. */
  look(name: string): Promise<FileFacts | undefined>;
  list(): Promise<string[]>;
  read(name: string): Promise<ReadableFile>;
  /** Opens a directory in it. */
  enter(name: string): Promise<Directory>;
  /** Makes a directory that only its owner may enter. */
  make(name: string): Promise<void>;
  /** Opens what is to become `name`: empty, or as a former copy of ours has left it at `part`. */
  write(part: string, name: string): Promise<PartFile>;
  setAttributes(name: string, attributes: Attributes): Promise<void>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** What is there, behind symbolic links; undefined: nothing. */
  look(path: string): Promise<FileFacts | undefined>;
  open(path: string): Promise<Directory>;
  /** Opens a file, behind symbolic links. */
  read(path: string): Promise<ReadableFile>;
  /** Names of the owner of a file. */
  nameOwner(facts: FileFacts): Promise<Owner>;
}
