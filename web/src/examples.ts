// What a newcomer tries first. Each is a tab of its own.
export const examples = [
  `# The customer dashboard: one request, four subgraphs.
#
# It needs a token. Put this into "Headers" below, with the output of: paintbox token
#   { "authorization": "Bearer ..." }
query CustomerList {
  customers(first: 10) {
    nodes {
      id
      number
      displayName
      totalEstimateValue
      activeProjectsCount
      lastActivityDate
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# Typos are forgiven, prefixes are found.
query Search {
  searchCustomers(query: "garcia", first: 5) {
    edges {
      score
      highlight
      node {
        number
        displayName
      }
    }
  }
}
`,
  `# Good, better, best.
query Estimates {
  estimates(first: 5) {
    nodes {
      number
      title
      status
      goodPrice
      betterPrice
      bestPrice
      selectedTier
      customer {
        displayName
      }
    }
  }
}
`,
];
