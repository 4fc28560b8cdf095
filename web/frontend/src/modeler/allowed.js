/** What an analyst can draw and set: what the engine runs. Elements of other kinds in a file stay as they are. */

const PALETTE = [
  'hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool', 'tool-separator',
  'create.start-event', 'create.end-event', 'create.exclusive-gateway',
];
const CONTEXT_PAD = /^(append\.(end-event|gateway|text-annotation)|replace|connect|delete|align-elements|distribute-elements|lane-.*)$/;
const REPLACE = /^replace-with-(task|user-task|manual-task|exclusive-gateway|parallel-gateway|none-start|none-end|(sequence|default)-flow)$/;
const GROUPS = ['tinjauan', 'general', 'jabatan', 'mutuBaku', 'keputusan', 'pelaksana', 'formulir', 'timer', 'message', 'signal',
  'documentation', 'CamundaPlatform__Condition', 'CamundaPlatform__ExtensionProperties'];

/** Asked after the providers of bpmn-js, which have 1000 and 500. */
const LAST = 100;

const keep = (entries, allowed) => Object.fromEntries(Object.entries(entries).filter(([id]) => allowed(id)));

class AllowedPalette {
  static $inject = ['palette', 'elementFactory', 'create', 'translate'];

  constructor(palette, elementFactory, create, translate) {
    Object.assign(this, { elementFactory, create, translate });
    palette.registerProvider(LAST, this);
  }

  getPaletteEntries() {
    return (entries) => ({
      ...keep(entries, (id) => PALETTE.includes(id)),
      'create.parallel-gateway': this.entry('bpmn:ParallelGateway', 'gateway', 'gateway-parallel', 'Create parallel gateway'),
      'create.user-task': this.entry('bpmn:UserTask', 'activity', 'user-task', 'Create task'),
    });
  }

  entry(type, group, icon, title) {
    const start = (event) => this.create.start(event, this.elementFactory.createShape({ type }));
    return { group, className: `bpmn-icon-${icon}`, title: this.translate(title), action: { dragstart: start, click: start } };
  }
}

class AllowedContextPad {
  static $inject = ['contextPad', 'elementFactory', 'create', 'autoPlace', 'appendPreview', 'translate'];

  constructor(contextPad, elementFactory, create, autoPlace, appendPreview, translate) {
    Object.assign(this, { elementFactory, create, autoPlace, appendPreview, translate });
    contextPad.registerProvider(LAST, this);
  }

  getContextPadEntries() {
    return (entries) => {
      const allowed = keep(entries, (id) => CONTEXT_PAD.test(id));
      return 'append.append-task' in entries ? { 'append.user-task': this.appendTask(), ...allowed } : allowed;
    };
  }

  appendTask() {
    const task = () => this.elementFactory.createShape({ type: 'bpmn:UserTask' });
    return {
      group: 'model',
      className: 'bpmn-icon-user-task',
      title: this.translate('Append task'),
      action: {
        click: (_event, source) => this.autoPlace.append(source, task()),
        dragstart: (event, source) => this.create.start(event, task(), { source }),
        hover: (_event, source) => {
          this.appendPreview.create(source, 'bpmn:UserTask');
          return () => this.appendPreview.cleanUp();
        },
      },
    };
  }
}

class AllowedReplaceMenu {
  static $inject = ['popupMenu'];

  constructor(popupMenu) {
    popupMenu.registerProvider('bpmn-replace', LAST, this);
  }

  getPopupMenuEntries() {
    return (entries) => keep(entries, (id) => REPLACE.test(id));
  }

  /** Loops and multi-instance. */
  getPopupMenuHeaderEntries() {
    return () => ({});
  }
}

class AllowedProperties {
  static $inject = ['propertiesPanel'];

  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(LAST, this);
  }

  getGroups() {
    const ofKind = (groups, id) => groups.filter((group) => group.id === id);
    return (groups) => GROUPS.flatMap((id) => ofKind(groups, id)).map((group) => ({ ...group, shouldOpen: group.shouldOpen || group.id === 'general' }));
  }
}

export const AllowedModule = {
  __init__: ['allowedPalette', 'allowedContextPad', 'allowedReplaceMenu', 'allowedProperties'],
  allowedPalette: ['type', AllowedPalette],
  allowedContextPad: ['type', AllowedContextPad],
  allowedReplaceMenu: ['type', AllowedReplaceMenu],
  allowedProperties: ['type', AllowedProperties],
};
