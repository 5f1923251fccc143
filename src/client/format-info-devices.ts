/** How disks, filesystems and the network are shown. */
import {
  bytes,
  type Cell,
  type Fields,
  type Format,
  flagOf,
  isFields,
  joined,
  listOf,
  numberOf,
  pairs,
  percent,
  table,
  textOf,
  textsOf,
} from './format-info-fields.ts';

function diskRow(disk: Fields): Cell[] {
  const notes = [
    flagOf(disk, 'isReadOnly') ? 'read-only' : null,
    flagOf(disk, 'isRemovable') ? 'removable' : null,
    flagOf(disk, 'isRotational') ? 'rotational' : null,
  ];
  const partitions = listOf(disk, 'partitions').map((each) =>
    joined([textOf(each, 'name'), bytes(numberOf(each, 'sizeBytes'))], ' '),
  );
  return [
    textOf(disk, 'name'),
    textOf(disk, 'type'),
    bytes(numberOf(disk, 'sizeBytes')),
    textOf(disk, 'model') ?? textOf(disk, 'label'),
    joined(partitions, ', '),
    joined(notes, ', '),
  ];
}

export const disks: Format = (facts) => {
  const header = ['NAME', 'TYPE', 'SIZE', 'MODEL', 'PARTITIONS', 'NOTES'];
  return [table('disks', header, listOf(facts, 'list').map(diskRow))];
};

function filesystemRow(each: Fields): Cell[] {
  const { error } = each;
  const total = numberOf(each, 'inodesTotal');
  const used = numberOf(each, 'inodesUsed');
  const readOnly = flagOf(each, 'isReadOnly') ? 'read-only' : null;
  return [
    textOf(each, 'mount'),
    bytes(numberOf(each, 'sizeBytes')),
    bytes(numberOf(each, 'usedBytes')),
    bytes(numberOf(each, 'availableBytes')),
    percent(numberOf(each, 'usedPercent')),
    total === null || total === 0 || used === null ? null : percent((used / total) * 100),
    textOf(each, 'type'),
    textOf(each, 'device'),
    isFields(error) ? textOf(error, 'message') : readOnly,
  ];
}

export const filesystems: Format = (facts) => {
  const header = ['MOUNT', 'SIZE', 'USED', 'FREE', 'USE', 'INODES', 'TYPE', 'DEVICE', 'NOTES'];
  return [table('filesystems', header, listOf(facts, 'list').map(filesystemRow))];
};

function interfaceRow(each: Fields): Cell[] {
  const speed = numberOf(each, 'megabitsPerSecond');
  const errors = (numberOf(each, 'receiveErrors') ?? 0) + (numberOf(each, 'sendErrors') ?? 0);
  const state = textOf(each, 'state');
  return [
    textOf(each, 'name'),
    // What the kernel says of those that have no cable to look at, such as the loopback.
    state === 'unknown' ? null : state,
    textsOf(each, 'addresses'),
    textOf(each, 'mac'),
    speed === null ? null : `${speed} Mb/s`,
    bytes(numberOf(each, 'receivedBytes')),
    bytes(numberOf(each, 'sentBytes')),
    errors === 0 ? null : errors,
  ];
}

export const network: Format = (facts, { isFull }) => {
  const all = listOf(facts, 'interfaces');
  const shown = all.filter((each) => isFull || textsOf(each, 'addresses').length > 0);
  const idle = all.filter((each) => !shown.includes(each)).map((each) => textOf(each, 'name'));
  const gateways = listOf(facts, 'gateways').map((each) =>
    joined([textOf(each, 'address'), textOf(each, 'interface')], ' by '),
  );
  const header = ['INTERFACE', 'STATE', 'ADDRESSES', 'MAC', 'SPEED', 'RECEIVED', 'SENT', 'ERRORS'];
  return [
    pairs('network', [
      ['gateway', joined(gateways, ', ')],
      ['name servers', textsOf(facts, 'nameServers')],
      ['without address', idle],
    ]),
    table('interfaces', header, shown.map(interfaceRow)),
  ];
};
