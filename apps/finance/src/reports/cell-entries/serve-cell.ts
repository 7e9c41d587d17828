import { inChunks } from '../chunks';
import type { OpenReport } from '../thread/report-request';
import type { CellQuestion } from './cell-question';
import type { CellReport } from './cell-report';
import { cellJson } from './write-cell';

export async function openCell(cells: CellReport, asked: CellQuestion): Promise<OpenReport> {
  return { headers: {}, chunks: inChunks(cellJson(await cells.open(asked))) };
}
