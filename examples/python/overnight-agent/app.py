"""The same app as examples/overnight-agent, in Python: both synthesize the same template."""

from os import path

from aws_cdk import App, CfnOutput, Duration, Stack, TimeZone
from aws_cdk.aws_bedrockagentcore import AgentCoreRuntime, AgentRuntimeArtifact
from aws_cdk.aws_scheduler import ScheduleExpression
from cdk_agentcore_runtime import AgentLoop, AgentRuntime, Command, LoopBudget, LoopCommand, SessionStorage

app = App()
stack = Stack(app, "OvernightAgent")

project = "/mnt/workspace/project"
remote = app.node.try_get_context("remote") or "https://git.example.com/project.git"

agent = AgentRuntime(
    stack,
    "Agent",
    runtime_name="overnight_agent",
    agent_runtime_artifact=AgentRuntimeArtifact.from_code_asset(
        path=path.join(path.dirname(path.abspath(__file__)), "../../overnight-agent/agent"),
        runtime=AgentCoreRuntime.NODE_22,
        entrypoint=["main.js"],
    ),
    environment_variables={"PROJECT": project, "REMOTE": remote},
    session_storage=SessionStorage(stack, "Workspace", mount_path="/mnt/workspace"),
)

loop = AgentLoop(
    stack,
    "Loop",
    runtime=agent,
    gates=[
        LoopCommand(
            name="syntax",
            command=Command.shell('for file in *.js; do node --check "$file" || exit; done'),
            working_directory=project,
        ),
        LoopCommand(
            name="tests",
            command=Command.argv("node", "--test", "--test-reporter", "tap"),
            working_directory=project,
            timeout=Duration.minutes(10),
        ),
    ],
    finish=[
        LoopCommand(
            name="push",
            command=Command.shell("git push --quiet origin HEAD:main && git log --oneline -1"),
            working_directory=project,
        )
    ],
    budget=LoopBudget(iterations=8, duration=Duration.hours(6), tokens=2_000_000),
    agent_timeout=Duration.minutes(10),
    alarm_actions=[],
)

loop.add_schedule(
    "EachNight",
    schedule=ScheduleExpression.cron(minute="0", hour="22", week_day="MON-FRI", time_zone=TimeZone.EUROPE_BERLIN),
    task="write what the tests ask for",
)

CfnOutput(stack, "LoopArn", value=loop.state_machine.state_machine_arn)
CfnOutput(stack, "AgentArn", value=agent.agent_runtime_arn)

app.synth()
