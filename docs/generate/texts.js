// Says which texts an expression can be, by the TypeScript compiler: constants, templates, and what a function's callers give.
import ts from 'typescript';

export const visitAll = (node, visitor) => {
  visitor(node);
  ts.forEachChild(node, (child) => visitAll(child, visitor));
};

const combine = (left, right) => left.flatMap((a) => right.map((b) => a + b));

/** What stands for a value that is known only when the code runs: the last name of the expression. */
const placeholder = (node) => {
  if (ts.isElementAccessExpression(node)) return '<value>';
  return ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)
    ? placeholder(node.expression.expression)
    : `<${/(\w+)\W*$/.exec(node.getText())?.[1] ?? 'value'}>`;
};

/** What an array is made of, where it is written out: also behind `filter`, or in the function that returns it. */
const elementsOf = (checker, node) => {
  if (ts.isArrayLiteralExpression(node)) return node.elements;
  if (!ts.isCallExpression(node)) return [];
  if (ts.isPropertyAccessExpression(node.expression)) return elementsOf(checker, node.expression.expression);
  const body = checker.getSymbolAtLocation(node.expression)?.valueDeclaration?.initializer?.body;
  const returned = body?.statements?.find(ts.isReturnStatement)?.expression ?? body;
  return returned ? elementsOf(checker, returned) : [];
};

/** `list.map((one) => …)`: what `one` can be. */
const mapped = (checker, { parent }) =>
  ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression)
    ? elementsOf(checker, parent.expression.expression)
    : [];

export const createTexts = ({ program, checker }) => {
  const files = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));

  const literals = (node) => {
    const type = checker.getTypeAtLocation(node);
    const types = type.isUnion() ? type.types : [type];
    return types.every((one) => one.isStringLiteral() || one.isNumberLiteral()) && types.length > 0
      ? types.map(({ value }) => String(value))
      : undefined;
  };

  /** What the callers of a function give for one of its parameters. */
  const given = (parameter) => {
    const owner = parameter.parent;
    const name = owner.name ?? owner.parent.name;
    const symbol = name && checker.getSymbolAtLocation(name);
    if (!symbol) return mapped(checker, owner);
    const index = owner.parameters.indexOf(parameter);
    const found = [];
    for (const file of files) {
      visitAll(file, (node) => {
        if (!ts.isCallExpression(node)) return;
        const callee = ts.isPropertyAccessExpression(node.expression)
          ? node.expression.name
          : node.expression;
        if (checker.getSymbolAtLocation(callee) === symbol && node.arguments[index])
          found.push(node.arguments[index]);
      });
    }
    return found;
  };

  /** @returns `undefined` where nothing of it is known */
  const texts = (node, depth = 0) => {
    const known = ts.isElementAccessExpression(node) ? undefined : literals(node);
    if (known) return known;
    if (depth > 8) return undefined;
    const inner = (one) => texts(one, depth + 1);
    if (ts.isParenthesizedExpression(node)) return inner(node.expression);
    if (ts.isTemplateExpression(node)) {
      return node.templateSpans.reduce(
        (all, { expression, literal }) =>
          combine(
            all,
            (inner(expression) ?? [placeholder(expression)]).map((text) => text + literal.text),
          ),
        [node.head.text],
      );
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return combine(
        inner(node.left) ?? [placeholder(node.left)],
        inner(node.right) ?? [placeholder(node.right)],
      );
    }
    if (node.operatorToken?.kind === ts.SyntaxKind.AmpersandAmpersandToken) return inner(node.right);
    if (ts.isConditionalExpression(node))
      return [...(inner(node.whenTrue) ?? []), ...(inner(node.whenFalse) ?? [])];
    if (!ts.isIdentifier(node)) return undefined;
    const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
    if (declaration && ts.isParameter(declaration)) {
      const all = given(declaration).map(inner);
      return all.length > 0 && all.every(Boolean) ? all.flat() : undefined;
    }
    return declaration?.initializer ? inner(declaration.initializer) : undefined;
  };
  return texts;
};
