// Runs a CloudFront function: its code's folder is the argument. Each line of stdin is an event and
// what the key-value store holds; each line of stdout is what the function returns, or its error.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(`${process.argv[2]}/function.mjs`));

for await (const line of createInterface({ input: process.stdin })) {
    const { event, stored } = JSON.parse(line);
    globalThis.keyValueStore = stored;
    let answer;
    try {
        answer = await handler(event);
    } catch (error) {
        // CloudFront's reader sees an error page with this status.
        answer = { statusCode: 503, error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
