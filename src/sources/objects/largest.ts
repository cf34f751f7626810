/** A larger file is most likely the wrong one, and would fill the disk. */
export const MOST_OBJECT_BYTES = 64 * 1024 ** 3;

export const tooLarge = 'it is larger than 64 GiB';
