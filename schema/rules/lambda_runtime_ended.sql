-- title: Function on a runtime that has ended
-- version: 1
-- group: security
-- severity: medium
-- text: AWS no longer patches it, and in the end refuses to change the function.
-- remedy: Move it to a runtime that is supported.
-- type: lambda:function
-- need: last_modified
-- read: runtime
-- param: runtimes Array(String) | default nodejs,nodejs4.3,nodejs4.3-edge,nodejs6.10,nodejs8.10,nodejs10.x,nodejs12.x,nodejs14.x,nodejs16.x,nodejs18.x,python2.7,python3.6,python3.7,python3.8,python3.9,ruby2.5,ruby2.7,java8,go1.x,dotnetcore1.0,dotnetcore2.0,dotnetcore2.1,dotnetcore3.1,dotnet5.0,dotnet6,dotnet7,provided | max 40 | items 60 | Runtimes that have ended
-- column: runtime String | Runtime
-- column: last_modified String | When it was last changed

SELECT
    has({runtimes:Array(String)}, properties['runtime']) AS violated,
    properties['runtime'] AS runtime,
    properties['last_modified'] AS last_modified
FROM polo.rule_resources
