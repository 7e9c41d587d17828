import ts from 'typescript';

/** An event type and its fields, nested ones as paths: `charges[].source`, `paid.amount`; a `?` at the end of an optional one. */
export type EventShapes = ReadonlyMap<string, readonly string[]>;

/**
 * The stored events that a source file declares: its interfaces with a literal `type`. Fields of inline types and of
 * interfaces of the same file are followed; what another file declares ends the path.
 */
export function eventShapes(fileName: string, text: string): EventShapes {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true);
  const interfaces = new Map(
    source.statements.filter(ts.isInterfaceDeclaration).map((declaration) => [declaration.name.text, declaration]),
  );
  const shapes = new Map<string, string[]>();
  for (const { members } of interfaces.values()) {
    const type = literalType(members);
    if (type !== undefined)
      shapes.set(
        type,
        fieldsOf(members, '', interfaces).filter((field) => field !== 'type'),
      );
  }
  return shapes;
}

type Interfaces = ReadonlyMap<string, ts.InterfaceDeclaration>;

function literalType(members: ts.NodeArray<ts.TypeElement>): string | undefined {
  for (const { name, type } of members.filter(ts.isPropertySignature)) {
    if (name.getText() !== 'type' || !type || !ts.isLiteralTypeNode(type)) continue;
    if (ts.isStringLiteral(type.literal)) return type.literal.text;
  }
  return undefined;
}

function fieldsOf(members: ts.NodeArray<ts.TypeElement>, path: string, interfaces: Interfaces): string[] {
  return members.filter(ts.isPropertySignature).flatMap(({ name, type, questionToken }) => {
    const field = `${path}${name.getText()}`;
    return [questionToken ? `${field}?` : field, ...(type ? fieldsOfType(type, field, interfaces) : [])];
  });
}

/** The fields inside a type: of an object, of the elements of an array, of every member of a union. */
function fieldsOfType(type: ts.TypeNode, path: string, interfaces: Interfaces): string[] {
  if (ts.isTypeLiteralNode(type)) return fieldsOf(type.members, `${path}.`, interfaces);
  if (ts.isTypeOperatorNode(type) || ts.isParenthesizedTypeNode(type)) return fieldsOfType(type.type, path, interfaces);
  if (ts.isArrayTypeNode(type)) return fieldsOfType(type.elementType, `${path}[]`, interfaces);
  if (ts.isUnionTypeNode(type)) return type.types.flatMap((member) => fieldsOfType(member, path, interfaces));
  if (!ts.isTypeReferenceNode(type)) return [];
  const declared = interfaces.get(type.typeName.getText());
  return declared ? fieldsOf(declared.members, `${path}.`, interfaces) : [];
}
