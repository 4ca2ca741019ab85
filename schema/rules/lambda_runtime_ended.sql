-- title: Function on a runtime that has ended
-- version: 1
-- group: security
-- severity: medium
-- text: AWS no longer patches it, and in the end refuses to change the function.
-- remedy: Move it to a runtime that is supported.
-- type: lambda:function
-- need: last_modified
-- read: runtime
-- param: runtimes Array(String) | default python2.7=2021-07-15,python3.6=2022-07-18,python3.7=2023-12-04,python3.8=2024-10-14,python3.9=2025-12-15,python3.10=2026-10-31,python3.11=2027-06-30,nodejs=2016-10-31,nodejs4.3=2018-05-31,nodejs4.3-edge=2018-05-31,nodejs6.10=2019-08-12,nodejs8.10=2020-03-06,nodejs10.x=2021-07-30,nodejs12.x=2023-03-31,nodejs14.x=2023-12-04,nodejs16.x=2024-06-12,nodejs18.x=2025-09-01,nodejs20.x=2026-04-30,nodejs22.x=2027-04-30,ruby2.5=2021-07-30,ruby2.7=2023-12-07,ruby3.2=2026-03-31,java8=2024-01-08,go1.x=2024-01-08,provided=2024-01-08,provided.al2=2026-06-30,dotnetcore1.0=2019-06-27,dotnetcore2.0=2019-05-30,dotnetcore2.1=2022-01-05,dotnetcore3.1=2023-04-03,dotnet5.0=2022-05-10,dotnet6=2024-12-20,dotnet7=2024-05-14,dotnet8=2026-11-10 | max 60 | items 100 | Runtimes, each with the day on which it ends
-- column: runtime String | Runtime
-- column: ended String | The day on which it ended, UTC
-- column: last_modified String | When it was last changed

SELECT
    properties['runtime'] != '' AND arrayExists(x -> splitByChar('=', x)[1] = properties['runtime'] AND toDateOrZero(splitByChar('=', x)[2]) <= today(), {runtimes:Array(String)}) AS violated,
    properties['runtime'] AS runtime,
    splitByChar('=', arrayFirst(x -> startsWith(x, concat(properties['runtime'], '=')), {runtimes:Array(String)}))[2] AS ended,
    properties['last_modified'] AS last_modified
FROM polo.rule_resources
