/**
 * Stands in for the FEEL and JSON code editors of the properties panel, which no field of a Camunda 7 diagram opens.
 * It has every name that @bpmn-io/properties-panel imports from them.
 */
const absent = () => undefined;

export default absent;
/** Called while the properties panel loads. */
export const Annotation = { define: () => ({}) };
export {
  absent as EditorState, absent as EditorView, absent as FeelersEditor, absent as bracketMatching,
  absent as closeBrackets, absent as closeBracketsKeymap, absent as defaultHighlightStyle, absent as defaultKeymap,
  absent as drawSelection, absent as foldGutter, absent as foldKeymap, absent as highlightSpecialChars,
  absent as history, absent as historyKeymap, absent as json, absent as jsonParseLinter, absent as keymap,
  absent as lineNumbers, absent as linter, absent as placeholder, absent as syntaxHighlighting,
};
