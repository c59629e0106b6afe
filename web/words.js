// The texts of what every visit shows, in English; views that are fetched later have their own in words/.
import { findingWords } from './words/finding.js';
import { frameWords } from './words/frame.js';
import { personWords } from './words/people.js';
import { pictureWords } from './words/pictures.js';
import { tweetWords } from './words/tweets.js';

export const words = { ...frameWords, ...tweetWords, ...personWords, ...pictureWords, ...findingWords };
