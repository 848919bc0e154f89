require('node:http').createServer((_request, response) => response.end('{}')).listen(8080);
