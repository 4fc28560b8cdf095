/** Small helps on every page. Every page works without them. */
import './page/forms.js';
import './page/drafts.js';
import './page/menu.js';
import './page/tables.js';
import './page/diagram.js';
import './page/compare.js';
import './page/print.js';
import './page/lists.js';
import './page/refresh.js';
import './page/keys.js';
import './page/attach.js';
import './page/preview.js';
import './page/review.js';
