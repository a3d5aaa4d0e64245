import { describe, expect, it } from 'vitest';
import { layoutTree, plainText, type TreeNode } from '../../../../src/core/explain/report/tree.ts';

function node(text: string, children: readonly TreeNode[] = [], label?: string): TreeNode {
  return { ...(label === undefined ? {} : { label }), spans: [{ text, style: 'plain' }], children };
}

function drawn(nodes: readonly TreeNode[], width = 80): readonly string[] {
  return plainText(layoutTree(nodes, width)).trimEnd().split('\n');
}

describe('layoutTree', () => {
  it('draws the branches of a tree', () => {
    expect(drawn([node('a', [node('b', [node('c')]), node('d')]), node('e')])).toEqual([
      '├─ a',
      '│  ├─ b',
      '│  │  └─ c',
      '│  └─ d',
      '└─ e',
    ]);
  });

  it('pads the labels of siblings to one width', () => {
    expect(drawn([node('x', [], 'from'), node('y', [], 'policy')])).toEqual(['├─ from    x', '└─ policy  y']);
  });

  it('wraps below the text, and keeps the line to the children', () => {
    const text = 'one two three four five six seven';
    expect(drawn([node(text, [node('child')], 'label'), node('next', [], 'l')], 30)).toEqual([
      '├─ label  one two three four',
      '│  │      five six seven',
      '│  └─ child',
      '└─ l      next',
    ]);
  });

  it('does not break a word that is longer than the line', () => {
    const word = 'x'.repeat(50);
    expect(drawn([node(`a ${word} b`)], 30)).toEqual(['└─ a', `   ${word}`, '   b']);
  });
});
