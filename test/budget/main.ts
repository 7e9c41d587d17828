import { writeBooks } from './write-books';

const [directory = '', accounts = '', charges = ''] = process.argv.slice(2);
void writeBooks(directory, Number(accounts), Number(charges));
