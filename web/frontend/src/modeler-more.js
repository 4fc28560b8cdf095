/** What the modeler fetches only when somebody asks for it. */
export { compare } from './modeler/comparing.js';
export { simulate } from './modeler/simulating.js';
