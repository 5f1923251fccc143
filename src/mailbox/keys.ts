/**
 * Where what is kept in the store. Each kind of record has a letter, then the name of its box, then
 * what it is about. Numbers have a fixed width, so that their order is that of the keys.
 */
import { rangeOf } from '../base/records.ts';

/** What a box says of itself: its counts, and which of its positions are done with. */
export const BOXES = rangeOf('b/');
/** Failed attempts with a message. */
export const TRIES = rangeOf('t/');
/** What has come from a sender. */
export const WINDOWS = rangeOf('w/');
/** How far another node's box has been taken. */
export const STREAMS = rangeOf('s/');
/** Written to find out whether the disk takes anything again. */
export const PROBE_KEY = 'p/';
/** Messages that wait. */
export const MESSAGES = rangeOf('m/');

function pad(position: number): string {
  return String(position).padStart(16, '0');
}

export function boxKey(box: string): string {
  return `b/${box}`;
}

/**
 * A run of messages is found by its last position: so the first key from a position on is that of
 * the run that has it.
 */
export function messagesKey(box: string, last: number): string {
  return `m/${box}/${pad(last)}`;
}

export function triesKey(box: string, position: number): string {
  return `t/${box}/${pad(position)}`;
}

export function deadKey(box: string, position: number): string {
  return `d/${box}/${pad(position)}`;
}

export function windowKey(box: string, sender: string): string {
  return `w/${box}/${sender}`;
}

export function streamKey(box: string, origin: string): string {
  return `s/${box}/${origin}`;
}

/** All keys of one kind that belong to a box. */
export function keysOf(kind: 'm' | 'd', box: string): { from: string; below: string } {
  return rangeOf(`${kind}/${box}/`);
}

/** The box that a key belongs to, and what it is about. */
export function splitKey(key: string): { box: string; rest: string } {
  const [, box = '', rest = ''] = key.split('/');
  return { box, rest };
}
