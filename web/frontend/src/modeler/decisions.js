/** What is decided after a step: the gateway there, the ways out of it, and which of them returns the work. */
import { is } from 'bpmn-js/lib/util/ModelUtil';
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';

const TASKS = ['bpmn:UserTask', 'bpmn:ManualTask', 'bpmn:Task'];
const CONDITION = /^\$\{\s*(\w+)\s*==\s*'([^']*)'\s*\}$/;

/** bpmn:Task is also what all others are made from. */
export const isStep = (element) => TASKS.includes(element.type);

const flows = (connections) => connections.filter((one) => is(one, 'bpmn:SequenceFlow'));
export const waysOut = (element) => flows(element.outgoing);
const condition = (flow) => flow.businessObject.conditionExpression?.body?.trim() ?? '';
const slug = (words) => words.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');

/** The gateway right after a step that decides; undefined where there is none. */
export function gatewayAfter(step) {
  const ways = waysOut(step);
  const gateway = ways.length === 1 ? ways[0].target : undefined;
  return gateway?.type === 'bpmn:ExclusiveGateway' && flows(gateway.incoming).length === 1 ? gateway : undefined;
}

/** What the properties panel tells of these depends on a flow. */
const decidingOf = ({ source }) => [source, ...flows(source.incoming).map((into) => into.source)].filter(Boolean);

class Decisions {
  static $inject = ['elementRegistry', 'commandStack', 'eventBus'];

  constructor(elementRegistry, commandStack, eventBus) {
    Object.assign(this, { elementRegistry, commandStack });
    eventBus.on('elements.changed', ({ elements }) => {
      const deciding = elements.filter((one) => is(one, 'bpmn:SequenceFlow') && one.source).flatMap(decidingOf);
      const more = [...new Set(deciding)].filter((one) => !elements.includes(one));
      if (more.length) eventBus.fire('elements.changed', { elements: more });
    });
  }

  steps() {
    return this.elementRegistry.filter((element) => isStep(element));
  }

  /** How far each element is from the start: what is nearer comes earlier. */
  distances() {
    const found = new Map(this.elementRegistry.filter((one) => one.type === 'bpmn:StartEvent').map((one) => [one, 0]));
    for (const [element, distance] of found) {
      for (const { target } of waysOut(element)) if (!found.has(target)) found.set(target, distance + 1);
    }
    return found;
  }

  /** The steps before this one, in the order of work. */
  before(element) {
    const distances = this.distances();
    const own = distances.get(element) ?? Infinity;
    return this.steps()
      .filter((step) => step !== element && (distances.get(step) ?? Infinity) < own)
      .sort((one, other) => distances.get(one) - distances.get(other));
  }

  /** Whether a way leads back to a step before the gateway it comes from, or to the one that decides. */
  returns(way) {
    const distances = this.distances();
    return (distances.get(way.target) ?? Infinity) < (distances.get(way.source) ?? -1);
  }

  wayBack(step) {
    const gateway = gatewayAfter(step);
    return gateway && waysOut(gateway).find((way) => this.returns(way));
  }

  /** Makes a step send the work back to another, or to none: gateway, way and conditions, as one step that can be undone. */
  returnTo(step, targetId) {
    const target = targetId ? this.elementRegistry.get(targetId) : null;
    this.commandStack.execute('lajur.returnTo', { step, target });
  }
}

/** Ids and variables as documents give them: `gerbang_6`, `kembali_6` and `keputusan_6` at `langkah_6`. */
const keyOf = (step) => step.id.replace(/^langkah_/, '');

class ReturnTo {
  static $inject = ['modeling', 'elementFactory', 'bpmnFactory', 'elementRegistry', 'canvas', 'spaceTool', 'decisions'];

  constructor(modeling, elementFactory, bpmnFactory, elementRegistry, canvas, spaceTool, decisions) {
    Object.assign(this, { modeling, elementFactory, bpmnFactory, elementRegistry, canvas, spaceTool, decisions });
  }

  preExecute({ step, target }) {
    const back = this.decisions.wayBack(step);
    if (!target) {
      if (back) this.remove(back);
    } else if (back) {
      this.modeling.reconnectEnd(back, target, middle(target));
      this.modeling.layoutConnection(back);
    } else {
      this.add(step, target);
    }
  }

  execute({ step }) {
    return [step];
  }

  revert({ step }) {
    return [step];
  }

  /** With one way left there is nothing to decide. */
  remove(back) {
    const gateway = back.source;
    this.modeling.removeConnection(back);
    const ways = waysOut(gateway);
    if (ways.length !== 1) return;
    const [into] = flows(gateway.incoming);
    const { target } = ways[0];
    this.modeling.removeConnection(ways[0]);
    this.modeling.reconnectEnd(into, target, middle(target));
    this.modeling.removeShape(gateway);
    this.modeling.layoutConnection(into);
  }

  add(step, target) {
    const key = keyOf(step);
    const gateway = gatewayAfter(step) ?? this.gateway(step, key);
    if (!gateway) return;
    const variable = variableOf(gateway) ?? `keputusan_${key}`;
    for (const way of waysOut(gateway)) if (!condition(way)) this.name(way, 'Setuju', variable, 'setuju');
    const back = this.modeling.connect(gateway, target, {
      type: 'bpmn:SequenceFlow',
      waypoints: over(gateway, target),
      businessObject: this.bpmnFactory.create('bpmn:SequenceFlow', { id: this.fresh(`kembali_${key}`) }),
    });
    this.name(back, 'Dikembalikan', variable, 'kembali');
  }

  /** A gateway between a step and what follows it. */
  gateway(step, key) {
    const [way] = waysOut(step);
    if (!way) return undefined;
    const businessObject = this.bpmnFactory.create('bpmn:ExclusiveGateway', { id: this.fresh(`gerbang_${key}`), name: 'Disetujui?' });
    const shape = this.elementFactory.createShape({ type: 'bpmn:ExclusiveGateway', businessObject });
    this.makeRoom(step, way.target);
    const place = { x: step.x + step.width + 60, y: step.y + step.height / 2 };
    const gateway = this.modeling.createShape(shape, place, step.parent);
    const { target } = way;
    this.modeling.reconnectEnd(way, gateway, middle(gateway));
    this.modeling.layoutConnection(way);
    this.modeling.connect(gateway, target, {
      type: 'bpmn:SequenceFlow',
      businessObject: this.bpmnFactory.create('bpmn:SequenceFlow', { id: this.fresh(`setuju_${key}`) }),
    });
    return gateway;
  }

  /** Moves what stands right of a step further, where the gateway would lie upon it. */
  makeRoom(step, next) {
    const right = step.x + step.width;
    if (next.x > right + ROOM || next.x < right) return;
    const start = right + 5;
    const all = selfAndAllChildren(this.canvas.getRootElement(), true);
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(all, 'x', ROOM, start);
    this.modeling.createSpace(movingShapes, resizingShapes, { x: ROOM, y: 0 }, 'e', start);
  }

  name(way, words, variable, value) {
    const expression = this.bpmnFactory.create('bpmn:FormalExpression', { body: `\${${variable} == '${value}'}` });
    this.modeling.updateProperties(way, { conditionExpression: expression, name: way.businessObject.name || words });
  }

  fresh(wished) {
    let id = wished;
    while (this.elementRegistry.get(id)) id += '_baru';
    return id;
  }
}

const ROOM = 100; // pixels that a gateway takes with the arrow to it

/** Back over what stands between, as the drawings of our documents have it; several ways to one step keep apart. */
function over(gateway, target) {
  const above = Math.min(gateway.y, target.y) - 10 * (1 + target.incoming.length);
  const [from, to] = [middle(gateway).x, middle(target).x];
  return [{ x: from, y: gateway.y }, { x: from, y: above }, { x: to, y: above }, { x: to, y: target.y }];
}

const middle = (shape) => ({ x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 });

/** The variable that the conditions at a gateway ask for; undefined where none does yet. */
function variableOf(gateway) {
  return waysOut(gateway).map((way) => condition(way).match(CONDITION)?.[1]).find(Boolean);
}

/** Gives the named ways out of a gateway their conditions, so that nobody has to write expressions. */
class NamedWays extends CommandInterceptor {
  static $inject = ['eventBus', 'modeling', 'bpmnFactory'];

  constructor(eventBus, modeling, bpmnFactory) {
    super(eventBus);
    this.postExecuted(['element.updateLabel', 'element.updateProperties'], ({ context }) => {
      const way = context.element.labelTarget ?? context.element;
      if (!is(way, 'bpmn:SequenceFlow') || way.source?.type !== 'bpmn:ExclusiveGateway') return;
      const gateway = way.source;
      if (waysOut(gateway).length < 2) return;
      const [into] = flows(gateway.incoming);
      const variable = variableOf(gateway) ?? `keputusan_${slug(into && isStep(into.source) ? keyOf(into.source) : gateway.id)}`;
      for (const one of waysOut(gateway)) {
        const value = slug(one.businessObject.name ?? '');
        if (!value || condition(one) || gateway.businessObject.default === one.businessObject) continue;
        const body = `\${${variable} == '${value}'}`;
        modeling.updateProperties(one, { conditionExpression: bpmnFactory.create('bpmn:FormalExpression', { body }) });
      }
    });
  }
}

export const DecisionsModule = {
  __init__: ['decisions', 'namedWays', ['commandStack', (commandStack) => commandStack.registerHandler('lajur.returnTo', ReturnTo)]],
  decisions: ['type', Decisions],
  namedWays: ['type', NamedWays],
};
