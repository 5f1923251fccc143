/**
 * Topics of events, and patterns of them: words with dots between, such as `orders.eu.paid`. In a
 * pattern `*` stands for one word and `>`, at its end, for one or more: the subjects of NATS.
 */
import { TOPIC_LENGTH_MAX } from './limits.ts';

/** What no word has: the dot, the wildcards, spaces, and what cannot be seen. */
const WORD = /^[^.*>\p{Z}\p{C}]+$/u;
const ONE = '*';
const REST = '>';

function wordsOf(text: string): readonly string[] {
  return text.length > TOPIC_LENGTH_MAX ? [] : text.split('.');
}

/** Whether an event can have this topic. */
export function isTopic(text: string): boolean {
  const words = wordsOf(text);
  return words.length > 0 && words.every((word) => WORD.test(word));
}

/** Whether `text` is a pattern of topics. A topic is the pattern of itself. */
export function isTopicPattern(text: string): boolean {
  const words = wordsOf(text);
  const isWord = (word: string, index: number): boolean =>
    word === ONE || WORD.test(word) || (word === REST && index === words.length - 1);
  return words.length > 0 && words.every(isWord);
}

/** Whether other topics than itself match a pattern. */
export function isWild(pattern: string): boolean {
  return pattern.includes(ONE) || pattern.includes(REST);
}

/**
 * Whether a topic is one of a pattern. Both are what the functions above say they are; nothing else
 * matches anything but itself.
 */
export function matchesTopic(pattern: string, topic: string): boolean {
  if (!isWild(pattern)) return pattern === topic;
  const words = topic.split('.');
  const wanted = pattern.split('.');
  for (const [index, word] of wanted.entries()) {
    if (word === REST) return words.length > index;
    if (word !== ONE && word !== words[index]) return false;
  }
  return words.length === wanted.length;
}
