// A mask in the making: what is painted white on a picture's own pixels.

export interface Point { x: number; y: number }
export interface Box { x: number; y: number; width: number; height: number }

export type Mark =
  | { tool: 'brush' | 'eraser'; size: number; points: Point[] }
  | ({ tool: 'rectangle' } & Box);

/** The rectangle between two corners, kept inside a picture. */
export function between(a: Point, b: Point, width: number, height: number): Box {
  const inside = (n: number, most: number) => Math.max(0, Math.min(most, Math.round(n)));
  const [left, right] = [inside(Math.min(a.x, b.x), width), inside(Math.max(a.x, b.x), width)];
  const [top, bottom] = [inside(Math.min(a.y, b.y), height), inside(Math.max(a.y, b.y), height)];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Draws the marks in their order; what is rubbed out becomes clear again. */
export function draw(context: CanvasRenderingContext2D, marks: readonly Mark[], colour: string): void {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = 'source-over';
  context.clearRect(0, 0, width, height);
  context.lineCap = context.lineJoin = 'round';
  context.fillStyle = context.strokeStyle = colour;
  for (const mark of marks) {
    context.globalCompositeOperation = mark.tool === 'eraser' ? 'destination-out' : 'source-over';
    if (mark.tool === 'rectangle') {
      context.fillRect(mark.x, mark.y, mark.width, mark.height);
      continue;
    }
    const [first, ...others] = mark.points;
    if (!first) continue;
    context.lineWidth = mark.size;
    context.beginPath();
    context.moveTo(first.x, first.y);
    context.lineTo(first.x, first.y);
    for (const point of others) context.lineTo(point.x, point.y);
    context.stroke();
  }
  context.globalCompositeOperation = 'source-over';
}

/** Whether anything of the marks can be left over. */
export function marked(marks: readonly Mark[]): boolean {
  return marks.some((mark) => (mark.tool === 'rectangle' ? mark.width > 0 && mark.height > 0 : mark.tool === 'brush' && mark.points.length > 0));
}

/** The mask as a PNG of the picture's size: white where it is repainted, black elsewhere. */
export async function toFile(marks: readonly Mark[], width: number, height: number): Promise<Blob> {
  const [layer, whole] = [new OffscreenCanvas(width, height), new OffscreenCanvas(width, height)];
  const [above, below] = [layer.getContext('2d'), whole.getContext('2d')];
  if (!above || !below) throw new Error('The browser cannot draw the mask.');
  draw(above as unknown as CanvasRenderingContext2D, marks, '#fff');
  below.fillStyle = '#000';
  below.fillRect(0, 0, width, height);
  below.drawImage(layer, 0, 0);
  return whole.convertToBlob({ type: 'image/png' });
}
