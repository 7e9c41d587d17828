/** Folder of the consumer groups, the prefix before it. */
export const GROUPS = 'groups';
/** Ending of the file of a topic and of a group. */
export const FILE_ENDING = '.db';
