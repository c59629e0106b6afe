// Pictures.
import { counted } from './counting.js';

export const pictureWords = {
  pictures: {
    add: 'Add pictures',
    chosen: 'Pictures',
    describe: 'Describe this picture',
    progress: 'Sent so far',
    cancel: 'Cancel',
    remove: 'Take away',
    open: (altText, place, count) => `${altText || `Picture ${place} of ${count}`}, open`,
    title: (place, count) => (count === 1 ? 'Picture' : `Picture ${place} of ${count}`),
    briefly: (media) => media.map(({ altText }) => altText).filter(Boolean).join(' · ') || counted(media.length, 'picture', 'pictures'),
    before: 'Picture before',
    next: 'Next picture',
    processing: 'Being prepared …',
    failed: 'This picture can’t be shown.',
    sensitive: 'Sensitive pictures',
    uncover: 'Show the sensitive pictures',
    avatar: 'Your picture',
    banner: 'The picture above your profile',
    choose: 'Choose a picture',
    none: 'Take it away',
    crop: 'Choose the part that is shown',
    part: 'The part that is shown; arrow keys move it',
    size: 'Size',
    otherKind: (name) => `${name}: pictures are JPEG, PNG, WebP or GIF.`,
  },
};
