// Every text of the page, in English, but those of views that have their own: welcome, settings and campaigns.
import { findingWords } from './words/finding.js';
import { frameWords } from './words/frame.js';
import { listWords } from './words/lists.js';
import { personWords } from './words/people.js';
import { pictureWords } from './words/pictures.js';
import { tweetWords } from './words/tweets.js';

export const words = { ...frameWords, ...tweetWords, ...personWords, ...pictureWords, ...findingWords, ...listWords };
