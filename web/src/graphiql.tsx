import 'graphiql/graphiql.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { examples } from './examples';

const fetcher = createGraphiQLFetcher({ url: '/graphql' });

// shouldPersistHeaders: a token pasted once stays for the next visit, in this origin's local storage.
createRoot(document.getElementById('graphiql')!).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={examples.map((query) => ({ query }))}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders
  >
    <GraphiQL.Logo>Paintbox</GraphiQL.Logo>
  </GraphiQL>,
);
