// Runs at CloudFront for each request, before its cache: decides who may read, finds index.html.
// It is JavaScript as CloudFront Functions have it (runtime 2.0): no destructuring, no for-of.
import cf from 'cloudfront';
import crypto from 'crypto';

// Written at synth. ranges: the first and last of each range of addresses that may read, or null;
// password: whether one is asked for.
const ACCESS = null;

async function handler(event) {
    const request = event.request;
    if (isOldTls(request.headers['cloudfront-viewer-tls'])) {
        return refusal(403, 'Forbidden', 'This site needs TLS 1.2 or newer.');
    }
    if (ACCESS.ranges !== null && !isInRanges(event.viewer.ip, ACCESS.ranges)) {
        return refusal(403, 'Forbidden', 'Your address is not one that may read this site.');
    }
    if (ACCESS.password && !(await isCredential(request.headers.authorization))) {
        return challenge();
    }
    delete request.headers.authorization;
    return withIndex(request);
}

// CloudFront's own certificate lets TLS 1.0 and 1.1 in. The header is VERSION:CIPHER:HANDSHAKE.
function isOldTls(header) {
    return header !== undefined && /^(SSLv3|TLSv1|TLSv1\.[01])(:|$)/.test(header.value);
}

// Addresses written in full compare as text; those of the two sorts differ in length.
function isInRanges(address, ranges) {
    const reader = inFull(address);
    return ranges.some(function (ends) {
        return reader.length === ends[0].length && ends[0] <= reader && reader <= ends[1];
    });
}

// 203.0.113.7 is 203.000.113.007; of an IPv6 address, `::` stands for all the zeros in a row.
function inFull(address) {
    if (address.indexOf(':') < 0) {
        return address.split('.').map(function (part) { return part.padStart(3, '0'); }).join('.');
    }
    const halves = address.toLowerCase().split('::').map(function (half) {
        return half === '' ? [] : half.split(':');
    });
    let groups = halves[0];
    if (halves.length > 1) {
        const zeros = Array(Math.max(0, 8 - groups.length - halves[1].length)).fill('0');
        groups = groups.concat(zeros, halves[1]);
    }
    return groups.map(function (group) { return group.padStart(4, '0'); }).join(':');
}

// The store has {"salt": …, "hash": …}: hash is HMAC-SHA256, by the salt, of user:password.
async function isCredential(header) {
    const given = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header === undefined ? '' : header.value);
    if (given === null) {
        return false;
    }
    let stored;
    try {
        stored = await cf.kvs().get('credential', { format: 'json' });
    } catch (absent) {
        return false;
    }
    const hmac = crypto.createHmac('sha256', stored.salt);
    return isSame(hmac.update(Buffer.from(given[1], 'base64')).digest('hex'), stored.hash);
}

// Takes the same time wherever the two differ.
function isSame(one, other) {
    let difference = one.length ^ other.length;
    for (let i = 0; i < one.length; i++) {
        difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
    }
    return difference === 0;
}

// A folder's page is its index.html. Without its slash, the links on that page would lead astray.
function withIndex(request) {
    const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
    if (name === '') {
        request.uri += 'index.html';
    } else if (name.indexOf('.') < 0) {
        // With the host: //elsewhere would be another one.
        const location = { value: 'https://' + request.headers.host.value + request.uri + '/' };
        return { statusCode: 302, statusDescription: 'Found', headers: { location: location } };
    }
    return request;
}

function challenge() {
    const response = refusal(401, 'Unauthorized', 'This site needs a user and a password.');
    const scheme = 'Basic realm="Drift Monitor", charset="UTF-8"';
    response.headers['www-authenticate'] = { value: scheme };
    return response;
}

function refusal(statusCode, statusDescription, sentence) {
    return {
        statusCode: statusCode,
        statusDescription: statusDescription,
        headers: {
            'cache-control': { value: 'no-store' },
            'content-type': { value: 'text/plain; charset=utf-8' },
        },
        body: { encoding: 'text', data: sentence + '\n' },
    };
}
