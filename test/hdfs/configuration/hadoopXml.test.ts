import { expect, test } from 'vitest';
import { readHadoopXml, writeHadoopXml } from '../../../src/hdfs/configuration/hadoopXml.ts';

test('properties are read as Hadoop reads them', () => {
  const text = `<?xml version="1.0"?>
<!-- <property><name>commented</name><value>out</value></property> -->
<configuration>
  <property>
    <name> fs.defaultFS </name>
    <value>hdfs://prod</value>
    <description>what is <meant></description>
    <final>true</final>
  </property>
  <property><name>fs.defaultFS</name><value>hdfs://other</value></property>
  <property><name>twice</name><value>first</value></property>
  <property><name>twice</name><value>second</value></property>
  <property><name>entities</name><value>a&amp;b &lt;c&gt; &#x7c; &#65;</value></property>
  <property><name>empty</name><value/></property>
  <property><name>raw</name><value><![CDATA[<x> & y]]></value></property>
  <property><name>without value</name></property>
</configuration>`;
  expect(readHadoopXml(text)).toEqual({
    'fs.defaultFS': 'hdfs://prod',
    'twice': 'second',
    'entities': 'a&b <c> | A',
    'empty': '',
    'raw': '<x> & y',
  });
});

test('what is no such file has no properties', () => {
  expect(readHadoopXml('')).toEqual({});
  expect(readHadoopXml('<html><body>Not found</body></html>')).toEqual({});
});

test('what is written is read again', () => {
  const properties = { a: 'x & y', b: '<tag>', c: '', d: ' "quoted" ' };
  const text = writeHadoopXml(properties, 'made -- by a test');
  expect(readHadoopXml(text)).toEqual(properties);
  expect(text).not.toContain('made -- by');
});
