// Pictures.
export const pictureWords = {
  pictures: {
    add: 'Add pictures',
    chosen: 'Pictures',
    describe: 'Describe it for those who can’t see it',
    progress: 'Sent so far',
    cancel: 'Cancel',
    remove: 'Take away',
    open: (altText, place, count) => `${altText || `Picture ${place} of ${count}`}, open`,
    title: (place, count) => (count === 1 ? 'Picture' : `Picture ${place} of ${count}`),
    before: 'Picture before',
    next: 'Next picture',
    processing: 'Being prepared …',
    failed: 'This picture can’t be shown.',
    avatar: 'Your picture',
    banner: 'The picture above your profile',
    choose: 'Choose a picture',
    none: 'Take it away',
    crop: 'Choose the part that is shown',
    size: 'Size',
  },
};
