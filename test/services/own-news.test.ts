import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packSample } from '../../src/protocol/figure-row.ts';
import { SAMPLE_STILL_MS } from '../../src/protocol/limits.ts';
import { OwnNews } from '../../src/services/own-news.ts';
import { FakeClock } from '../fakes/clock.ts';
import { sampleOf } from './view.ts';

test('of the first sample all that there is is told, of the next what is news', () => {
  const news = new OwnNews(new FakeClock());
  const first = news.take(sampleOf(1));
  assert.equal(first.filter((_, at) => at % 2 === 1).length, 6);
  const later = { ...sampleOf(2), atMs: 77 };
  assert.equal(news.take(later), [0, 77, 1, 2]);
});

test('a host on which nothing happens says so every SAMPLE_STILL_MS', () => {
  const clock = new FakeClock();
  const news = new OwnNews(clock);
  news.take(sampleOf(1));
  clock.advance(SAMPLE_STILL_MS - 1);
  assert.equal(news.take(sampleOf(1)), []);
  clock.advance(1);
  assert.equal(news.take(sampleOf(1)), [0, packSample(sampleOf(1))[0]]);
  assert.equal(news.take(sampleOf(1)), []);
});

test('what creeps is told once it has gone far enough, not never', () => {
  const news = new OwnNews(new FakeClock());
  const told = [];
  for (let percent = 0.1; percent < 10; percent += 0.1) {
    if (news.take({ ...sampleOf(1), cpuPercent: percent }).length > 0) told.push(percent);
  }
  assert.ok(told.length > 10 && told.length < 30, `${told.length}`);
});

test.run();
