import 'graphiql/graphiql.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { examples } from './examples';

const fetcher = createGraphiQLFetcher({ url: '/graphql' });

createRoot } from 'react-dom/client';
import { examples } from './examples';

const fetcher = createGraphiQLFetcher({ url: '/graphql' });

// A token pasted once stays for the next visit, as everything in GraphiQL does (local storage of this origin).
const headers = JSON.stringify({ authorization: 'Bearer <paste the output of: paintbox token --role OWNER>' }, null, 2);

createRoot(document.getElementById('graphiql')!).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={examples.map((query) => ({ query }))}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders // a token pasted once stays for the next visit, in this origin's local storage
  >
    <GraphiQL.Logo>Paintbox</GraphiQL.Logo>
  </GraphiQL>,
);
