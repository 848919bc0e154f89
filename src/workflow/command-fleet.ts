import { Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Schedule } from 'aws-cdk-lib/aws-scheduler';
import {
  Chain, Choice, Condition, CustomState, DistributedMap, Fail, IChainable, IItemReader, JsonPath, StateMachine, Succeed, Wait, WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { fleetFaults, startsPerSecondOf } from './command-fleet-faults';
import { CommandFleetProps, FleetScheduleOptions } from './command-fleet-props';
import { FailedItemsReader, FleetFolder, FleetResultWriter, folderOf, keyOf, objectsOf } from './fleet-results';
import { FunctionTask } from './function-task';
import { executionsOf } from './session-work';
import { SAFE_CALLS } from './task-retries';
import { WorkflowFunction } from './workflow-function';
import { alarmOnFailure, declareMachine, stopAbandonedItems } from './workflow-machine';
import { scheduleExecutions } from './workflow-schedule';
import { throwFaults } from '../runtime/faults';
import { acknowledgeFindings, wildcardFinding } from '../runtime/nag-findings';
import { byRule } from '../runtime/rule-id';

const DEFAULT_CONCURRENCY = 100;

/** What makes the official Map take a `ResultWriterV2`. */
const WRITER_FLAG = '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2';

/** One of the two Maps of a fleet, by what tells them apart. */
interface SessionsMap {
  readonly id: string;
  /** Part of the ARNs of its executions. */
  readonly label: string;
  /** What is known of each item; `fleet` and `index` tell it from all others. */
  readonly item: object;
  /** What the names of its states end with: each is there once in a state machine. */
  readonly names: string;
}

const ALL: SessionsMap = {
  id: 'Sessions',
  label: 'Sessions',
  item: { item: JsonPath.objectAt('$$.Map.Item.Value'), index: JsonPath.numberAt('$$.Map.Item.Index'), fleet: JsonPath.stringAt('$$.Execution.Id') },
  names: '',
};

/** What has failed in another execution is told as that one knew it, and so keeps its session. */
const FAILED: SessionsMap = {
  id: 'Failed sessions',
  label: 'FailedSessions',
  item: {
    item: JsonPath.objectAt('$$.Map.Item.Value.item'),
    index: JsonPath.numberAt('$$.Map.Item.Value.index'),
    fleet: JsonPath.stringAt('$$.Map.Item.Value.fleet'),
  },
  names: ' (again)',
};

const MAPS = [ALL, FAILED];

/** When it is the turn of an item. */
const TURN = { turn: JsonPath.numberAt('$$.Map.Item.Index'), startedAt: JsonPath.stringAt('$$.Execution.StartTime') };

/**
 * Runs one command, or one loop, in each session of a list, as a state machine with a Distributed Map: as many at once, and as many
 * started in a second, as the quotas allow.
 *
 * An execution takes `{"sessions": [...]}`, unless `itemReader` reads the list. An item that is text is the id of a session; one that is an
 * object may name its session as `sessionId`. Every other one has a session of its own, made of the execution and the item's place in the list.
 *
 * Results go to `resultsBucket`, with a report: `report.svg`, `sessions.csv`, `summary.json`, and `failed.json` for those that did
 * not succeed. An execution with `{"redrive": "<name of an execution>"}` works on these alone, in the same sessions. The output is the
 * summary; where more have failed than is tolerated, the execution fails, and the summary is its cause.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 *
 * @example
 * const fleet = new CommandFleet(stack, 'Update', {
 *   work: FleetWork.command({ runtime: agent, command: Command.shell('git pull && npm test'), workingDirectory: '/mnt/workspace' }),
 *   itemReader: new sfn.S3CsvItemReader({ bucket, key: 'sessions.csv' }),
 *   maxConcurrency: 500,
 *   toleratedFailurePercentage: 5,
 *   resultsBucket: bucket,
 * });
 */
export class CommandFleet extends Construct {
  /** The state machine: start its executions, watch its metrics. */
  public readonly stateMachine: StateMachine;

  /** The alarm on executions that do not succeed; absent without `alarmActions`. */
  public readonly alarm?: Alarm;

  private readonly folder: FleetFolder;

  /**
   * Declares the fleet.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, private readonly props: CommandFleetProps) {
    super(scope, id);
    throwFaults(this, fleetFaults(Stack.of(this), props));
    this.node.setContext(WRITER_FLAG, true);
    this.folder = { bucket: props.resultsBucket, prefix: props.resultsPrefix ?? 'fleets/' };
    this.stateMachine = declareMachine(this, this.definition());
    this.allow();
    const { place } = props.work._work;
    if (place) stopAbandonedItems(this, this.stateMachine, place);
    if (props.alarmActions) this.alarm = alarmOnFailure(this, this.stateMachine, props.alarmActions);
  }

  /**
   * Starts an execution by itself.
   *
   * @param id the name of the schedule in this construct
   * @param options when, and with what
   */
  public addSchedule(id: string, options: FleetScheduleOptions): Schedule {
    const { sessions, ...when } = options;
    throwFaults(this, byRule('fleetSessions', [
      ...(this.props.itemReader && sessions ? ['the schedule has sessions, but itemReader reads them; leave one of them out'] : []),
      ...(this.props.itemReader || sessions?.length ? [] : ['the schedule has no sessions, and no itemReader reads them; give a list']),
    ]));
    return scheduleExecutions(this, id, this.stateMachine, sessions ? { sessions } : {}, when);
  }

  private definition(): IChainable {
    const report = this.report();
    const { itemReader } = this.props;
    const [all, failed] = MAPS.map((map) => this.map(map, map === ALL ? itemReader : new FailedItemsReader(this.folder), report));
    return Chain.start(new Choice(this, 'All, or what has failed?').when(Condition.isPresent('$.redrive'), failed).otherwise(all));
  }

  private map({ id, label, item, names }: SessionsMap, itemReader: IItemReader | undefined, report: IChainable): DistributedMap {
    const { maxConcurrency = DEFAULT_CONCURRENCY, toleratedFailureCount, toleratedFailurePercentage } = this.props;
    const map = DistributedMap.jsonPath(this, id, {
      label,
      ...(itemReader ? { itemReader } : { itemsPath: '$.sessions' }),
      itemSelector: { ...item, ...TURN },
      maxConcurrency,
      toleratedFailureCount,
      toleratedFailurePercentage,
      resultWriterV2: new FleetResultWriter(this.folder),
    });
    // the report names the execution that is meant, so it needs the input too
    if (id === FAILED.id) map.addCatch(report, { errors: ['States.ItemReaderFailed'], resultPath: '$.ended' });
    // what has failed is in the report, and in what is written of each session
    map.addCatch(report, { errors: ['States.ALL'] });
    map.next(report);
    return map.itemProcessor(this.item(map, (text) => `${text}${names}`));
  }

  /** What is done for one item. */
  private item(scope: Construct, name: (text: string) => string): IChainable {
    const begin = new FunctionTask(scope, name('Begin session'), {
      payload: { action: 'beginItem', item: JsonPath.entirePayload, perSecond: startsPerSecondOf(this.props) },
    });
    const wait = new Wait(scope, name('Wait for its turn'), { time: WaitTime.timestampPath('$.notBefore') });
    return Chain.start(begin).next(wait).next(this.props.work._work.states(scope, name));
  }

  /** What is told at the end, however the Map has ended: only Step Functions knows under which name it has written the results. */
  private report(): IChainable {
    const find = new CustomState(this, 'Find results', {
      stateJson: {
        Type: 'Task',
        Resource: `arn:${Stack.of(this).partition}:states:::aws-sdk:sfn:listMapRuns`,
        Parameters: { 'ExecutionArn.$': '$$.Execution.Id' },
        ResultSelector: { 'mapRuns.$': '$.MapRuns' },
        ResultPath: '$.found',
      },
    });
    find.addRetry({ ...SAFE_CALLS, errors: ['States.TaskFailed'] });
    const { bucket } = this.folder;
    const report = new FunctionTask(this, 'Report', {
      payload: {
        action: 'reportFleet',
        execution: JsonPath.executionId,
        startedAt: JsonPath.executionStartTime,
        mapRuns: JsonPath.objectAt('$.found.mapRuns'),
        bucket: bucket.bucketName,
        folder: folderOf(this.folder, JsonPath.executionName),
        ended: JsonPath.entirePayload,
      },
    });
    const ended = new Choice(this, 'Has it failed?')
      .when(Condition.isPresent('$.error'), new Fail(this, 'Failed', { errorPath: '$.error', causePath: '$.cause' }))
      .otherwise(new Succeed(this, 'Succeeded', { outputPath: '$.summary' }));
    return Chain.start(find).next(report).next(ended);
  }

  /** What the states need besides what their tasks ask for; policies of their own, since they name the state machine. */
  private allow(): void {
    const stack = Stack.of(this);
    const executions = executionsOf(stack, this.stateMachine);
    const find = new Policy(this, 'FindResults', {
      statements: [new PolicyStatement({ actions: ['states:ListMapRuns'], resources: [`${executions}:*`] })],
      roles: [this.stateMachine.role],
    });
    WorkflowFunction.of(this).allowResults(this, objectsOf(this.folder), keyOf(this.folder, ['kms:GenerateDataKey', 'kms:Decrypt']));
    const findings = [
      ...[`${executions}:*`, ...MAPS.map(({ label }) => `${executions}/${label}:*`), ...this.props.work._work.executions(stack)]
        .map((resource) => wildcardFinding(this, resource, 'the name of each execution is part of its ARN')),
      wildcardFinding(this, objectsOf(this.folder), 'the name of each execution is part of the keys of its results'),
    ];
    for (const construct of [find, this.stateMachine]) acknowledgeFindings(construct, Object.assign({}, ...findings));
  }
}
